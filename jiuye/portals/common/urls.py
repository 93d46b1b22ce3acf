"""Addresses shared by all portals."""

from django.urls import path

from jiuye.portals.common.views import (
    account,
    accounts,
    display,
    nights,
    notice,
    posts,
    session,
    sign_on,
    signing_off,
)

urlpatterns = [
    path("", session.landing, name="landing"),
    path("login/", session.log_in, name="login"),
    path("login/code/", session.code, name="login_code"),
    path("login/government/", sign_on.leave, name="sign_on"),
    path("login/government/back/", sign_on.come_back, name="sign_on_back"),
    path("login/public/", sign_on.leave_public, name="public_sign_on"),
    path("login/public/back/", sign_on.come_back_public, name="public_sign_on_back"),
    path("account/", account.home, name="account"),
    path("account/sessions/end/", account.end, name="account_end"),
    path("account/password/", account.password, name="account_password"),
    path("account/second-factor/", account.factor, name="account_factor"),
    path("account/posts/", posts.own, name="own_posts"),
    path("account/posts/hand-on/", posts.hand_on, name="post_hand_on"),
    path("desk/staff/", posts.staff, name="staff"),
    path("desk/staff/give/", posts.give, name="staff_give"),
    path("desk/staff/end/", posts.end, name="staff_end"),
    path("desk/staff/confirm/<int:post_id>/", posts.confirm, name="staff_confirm"),
    path("desk/staff/accounts/", accounts.accounts_page, name="staff_accounts"),
    path("desk/staff/accounts/open/", accounts.open_one, name="staff_account_open"),
    path("desk/staff/accounts/<int:account_id>/", accounts.account_page, name="staff_account"),
    path(
        "desk/staff/accounts/<int:account_id>/release/<int:release_id>/",
        accounts.decide,
        name="staff_account_decide",
    ),
    path("desk/staff/accounts/<int:account_id>/<slug:act>/", accounts.change, name="staff_account_change"),
    path("desk/staff/nights/", nights.nights_page, name="staff_nights"),
    path("my/looks/", account.looks, name="looks"),
    path("logout/", signing_off.log_out, name="logout"),
    path("logout/government/", signing_off.on_to_provider, name="sign_off"),
    path("logout/government/back/", signing_off.come_back, name="sign_off_back"),
    path("language/", display.set_language, name="set_language"),
    path("notice/", notice.notice, name="notice"),
    path("notice/matters/", notice.recognitions, name="notice_matters"),
    path("notice/<slug:number>/object/", notice.object_to, name="notice_object"),
    path("display/", display.set_display, name="set_display"),
]
